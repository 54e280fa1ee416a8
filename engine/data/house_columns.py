"""The columns of the Ames house sales (De Cock, 2011), and how their values are spread: what a stand-in is drawn from.

One column a line: name | how it goes with the price (correlation of ranks) | how many of 2,919 houses lack it | its
values. Values are either `level=how many houses`, from cheap to dear, or a measure's smallest value, its quantiles at
`QUANTILES` and its largest. A line that begins with blanks continues the one before.
"""

from __future__ import annotations

QUANTILES = (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1)

COLUMNS = """\
MSSubClass | 0.57 | 0 | 30=139, 180=17, 45=18, 190=61, 90=109, 160=128, 50=287, 40=6, 85=48, 70=128, 150=1,
    80=118, 20=1079, 75=23, 120=182, 60=575
MSZoning | 0.42 | 4 | C (all)=25, RM=460, RH=26, RL=2265, FV=139
LotFrontage | 0.41 | 486 | 21 32 43 53 60 63 68 73 78 84 95 107 136 313
LotArea | 0.46 | 0 | 1300 3182 4922 7008 7960 8741 9453 10152 11001 12204 14301 17143 33039 215245
Street | 0.06 | 0 | Grvl=12, Pave=2907
Alley | 0.48 | 2721 | Grvl=120, Pave=78
LotShape | 0.30 | 0 | Reg=1859, IR1=968, IR3=16, IR2=76
LandContour | 0.16 | 0 | Bnk=117, Lvl=2622, Low=60, HLS=120
Utilities | 0.01 | 2 | NoSeWa=1, AllPub=2916
LotConfig | 0.15 | 0 | Inside=2133, Corner=511, FR2=85, FR3=14, CulDSac=176
LandSlope | 0.04 | 0 | Gtl=2778, Mod=125, Sev=16
Neighborhood | 0.76 | 0 | IDOTRR=93, MeadowV=37, BrDale=30, BrkSide=108, OldTown=239, Edwards=194, Sawyer=151,
    Blueste=10, SWISU=48, NPkVill=23, NAmes=443, Mitchel=114, SawyerW=125, NWAmes=131, Gilbert=165, CollgCr=267,
    Blmngtn=28, Crawfor=103, ClearCr=44, Somerst=182, Veenker=24, Timber=72, StoneBr=51, NridgHt=166, NoRidge=71
Condition1 | 0.21 | 0 | Artery=92, Feedr=164, RRAe=28, Norm=2511, RRAn=50, RRNe=6, RRNn=9, PosN=39, PosA=20
Condition2 | 0.11 | 0 | RRNn=2, Artery=5, Feedr=13, RRAn=1, Norm=2889, RRAe=1, PosN=4, PosA=4
BldgType | 0.20 | 0 | 2fmCon=62, Twnhs=96, Duplex=109, 1Fam=2425, TwnhsE=227
HouseStyle | 0.32 | 0 | 1.5Unf=19, SFoyer=83, 1.5Fin=314, 2.5Unf=24, 1Story=1471, SLvl=128, 2Story=872, 2.5Fin=8
OverallQual | 0.81 | 0 | 1=4, 2=13, 3=40, 4=226, 5=825, 6=731, 7=600, 8=342, 9=107, 10=31
OverallCond | -0.13 | 0 | 1=7, 2=10, 3=50, 4=101, 5=1645, 6=531, 7=390, 8=144, 9=41
YearBuilt | 0.65 | 0 | 1872 1915 1924 1947 1957 1965 1973 1984 1998 2003 2006 2007 2008 2010
YearRemodAdd | 0.57 | 0 | 1950 1950 1950 1960 1970 1978 1993 1998 2002 2005 2006 2007 2009 2010
RoofStyle | 0.21 | 0 | Gambrel=22, Gable=2310, Mansard=11, Flat=20, Hip=551, Shed=5
RoofMatl | 0.13 | 0 | Roll=1, ClyTile=1, CompShg=2876, Tar&Grv=23, Metal=1, WdShake=9, Membran=1, WdShngl=7
Exterior1st | 0.43 | 1 | BrkComm=6, AsphShn=2, AsbShng=44, CBlock=2, Wd Sdng=411, WdShing=56, MetalSd=450,
    Stucco=43, HdBoard=442, Plywood=221, BrkFace=87, CemntBd=126, VinylSd=1025, Stone=2, ImStucc=1
Exterior2nd | 0.41 | 1 | CBlock=3, AsbShng=38, Brk Cmn=22, AsphShn=4, Wd Sdng=391, Stucco=47, MetalSd=447, Wd
    Shng=81, Stone=6, HdBoard=406, Plywood=270, BrkFace=47, CmentBd=126, VinylSd=1014, ImStucc=15, Other=1
MasVnrType | 0.44 | 1766 | BrkCmn=25, BrkFace=879, Stone=249
MasVnrArea | 0.42 | 23 | 0 0 0 0 0 0 0 0 120 202 326 466 771 1600
ExterQual | 0.68 | 0 | Fa=35, TA=1798, Gd=979, Ex=107
ExterCond | 0.21 | 0 | Po=3, Fa=67, Gd=299, TA=2538, Ex=12
Foundation | 0.55 | 0 | Slab=49, BrkTil=311, CBlock=1235, Stone=11, Wood=5, PConc=1308
BsmtQual | 0.66 | 81 | Fa=88, TA=1283, Gd=1209, Ex=258
BsmtCond | 0.22 | 82 | Po=5, Fa=104, TA=2606, Gd=122
BsmtExposure | 0.33 | 82 | No=1904, Mn=239, Av=418, Gd=276
BsmtFinType1 | 0.45 | 79 | Rec=288, BLQ=269, LwQ=154, ALQ=429, Unf=851, GLQ=849
BsmtFinSF1 | 0.30 | 1 | 0 0 0 0 0 203 368 515 656 812 1057 1274 1635 5644
BsmtFinType2 | 0.08 | 80 | BLQ=68, Rec=105, LwQ=87, GLQ=34, Unf=2493, ALQ=52
BsmtFinSF2 | -0.04 | 1 | 0 0 0 0 0 0 0 0 0 0 126 435 875 1526
BsmtUnfSF | 0.19 | 1 | 0 0 56 174 270 366 467 595 732 893 1213 1475 1776 2336
TotalBsmtSF | 0.60 | 1 | 0 455 600 741 836 911 990 1089 1216 1392 1614 1776 2198 6110
Heating | 0.18 | 0 | Grav=9, Floor=1, Wall=6, OthW=2, GasW=27, GasA=2874
HeatingQC | 0.48 | 0 | Po=3, Fa=92, TA=857, Gd=474, Ex=1493
CentralAir | 0.35 | 0 | N=196, Y=2723
Electrical | 0.31 | 1 | Mix=1, FuseP=8, FuseF=50, FuseA=188, SBrkr=2671
1stFlrSF | 0.58 | 0 | 334 666 745 847 914 996 1082 1180 1314 1483 1675 1830 2288 5095
2ndFlrSF | 0.29 | 0 | 0 0 0 0 0 0 0 427 636 771 925 1131 1400 2065
LowQualFinSF | -0.07 | 0 | 0 0 0 0 0 0 0 0 0 0 0 0 154 1064
GrLivArea | 0.73 | 0 | 334 861 924 1065 1200 1329 1444 1560 1680 1838 2153 2464 2936 5642
BsmtFullBath | 0.23 | 2 | 0=1705, 1=1172, 2=38, 3=2
BsmtHalfBath | -0.01 | 2 | 0=2742, 1=171, 2=4
FullBath | 0.64 | 0 | 0=12, 1=1309, 2=1530, 3=64, 4=4
HalfBath | 0.34 | 0 | 0=1834, 1=1060, 2=25
BedroomAbvGr | 0.23 | 0 | 0=8, 1=103, 2=742, 3=1596, 4=400, 5=48, 6=21, 8=1
KitchenAbvGr | -0.16 | 0 | 0=3, 1=2785, 2=129, 3=2
KitchenQual | 0.67 | 1 | Fa=70, TA=1492, Gd=1151, Ex=205
TotRmsAbvGrd | 0.53 | 0 | 2=1, 3=25, 4=196, 5=583, 6=844, 7=649, 8=347, 9=143, 10=80, 11=32, 12=16, 13=1, 14=1, 15=1
Functional | 0.15 | 2 | Maj2=9, Sev=2, Min2=70, Mod=35, Maj1=19, Min1=65, Typ=2717
Fireplaces | 0.52 | 0 | 0=1420, 1=1268, 2=219, 3=11, 4=1
FireplaceQu | 0.34 | 1420 | Po=46, Fa=74, TA=592, Gd=744, Ex=43
GarageType | 0.52 | 157 | CarPort=15, Detchd=779, 2Types=23, Basment=36, Attchd=1723, BuiltIn=186
GarageYrBlt | 0.59 | 159 | 1895 1928 1941 1957 1964 1972 1979 1993 1999 2004 2006 2007 2009 2010
GarageFinish | 0.57 | 159 | Unf=1230, RFn=811, Fin=719
GarageCars | 0.69 | 1 | 0=157, 1=776, 2=1594, 3=374, 4=16, 5=1
GarageArea | 0.65 | 1 | 0 0 240 296 379 440 480 513 561 621 758 856 1019 1488
GarageQual | 0.21 | 159 | Po=5, Fa=124, TA=2604, Ex=3, Gd=24
GarageCond | 0.22 | 159 | Po=14, Fa=74, Ex=3, Gd=15, TA=2654
PavedDrive | 0.31 | 0 | N=216, P=62, Y=2641
WoodDeckSF | 0.35 | 0 | 0 0 0 0 0 0 0 100 144 192 257 328 501 1424
OpenPorchSF | 0.48 | 0 | 0 0 0 0 0 0 26 40 58 85 131 183 284 742
EnclosedPorch | -0.22 | 0 | 0 0 0 0 0 0 0 0 0 0 112 176 264 1012
3SsnPorch | 0.07 | 0 | 0 0 0 0 0 0 0 0 0 0 0 0 144 508
ScreenPorch | 0.10 | 0 | 0 0 0 0 0 0 0 0 0 0 0 161 260 576
PoolArea | 0.06 | 0 | 0=2906, 144=1, 228=1, 368=1, 444=1, 480=1, 512=1, 519=1, 555=1, 561=1, 576=1, 648=1, 738=1,
    800=1
PoolQC | 0.68 | 2909 | Gd=4, Fa=2, Ex=4
Fence | 0.29 | 2348 | GdWo=112, MnWw=12, MnPrv=329, GdPrv=118
MiscFeature | 0.35 | 2814 | Othr=4, Shed=95, Gar2=5, TenC=1
MiscVal | -0.06 | 0 | 0 0 0 0 0 0 0 0 0 0 0 0 982 17000
MoSold | 0.07 | 0 | 1=122, 2=133, 3=232, 4=279, 5=394, 6=503, 7=446, 8=233, 9=158, 10=173, 11=142, 12=104
YrSold | -0.03 | 0 | 2006=619, 2007=692, 2008=622, 2009=647, 2010=339
SaleType | 0.35 | 1 | Oth=7, ConLw=8, ConLD=26, COD=87, WD=2525, ConLI=9, CWD=12, New=239, Con=5
SaleCondition | 0.36 | 0 | AdjLand=12, Abnorml=190, Family=46, Alloca=24, Normal=2402, Partial=245
"""
